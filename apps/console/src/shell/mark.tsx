import { texts } from '../texts.ts'
import icon from '../icon.svg'

/** The mark and the name, as on the pages where people sign in. */
export function Mark() {
  return (
    <span className="flex items-center gap-2 font-[650] tracking-[-0.01em]">
      <img src={icon} alt="" width={22} height={22} />
      {texts.name}
    </span>
  )
}
