// Old JavaScript on purpose: it must run on whatever Node calls it, to say what is wrong in one sentence.
const major = Number(process.versions.node.split('.')[0])
if (major < 26) {
  console.error(
    'permitry runs on Node 26, which `npm ci` installs inside this folder; this is Node ' +
      process.versions.node +
      ': run `npm ci` (optional dependencies included), then call the commands through npm',
  )
  process.exit(1)
}
