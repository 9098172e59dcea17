import { signIn } from '../api/base.ts'
import { texts } from '../texts.ts'
import { Button } from '../ui/button.tsx'
import { Mark } from './mark.tsx'

export function SignedOut() {
  return (
    <main className="grid min-h-svh place-content-center p-4">
      <div className="grid max-w-md gap-5 rounded-2xl border border-line bg-card p-7">
        <Mark />
        <h1 className="text-2xl font-[650] tracking-[-0.018em]">{texts.signedOut.title}</h1>
        <p className="text-muted">{texts.signedOut.what}</p>
        <div>
          <Button look="solid" onClick={() => signIn()}>
            {texts.signedOut.button}
          </Button>
        </div>
      </div>
    </main>
  )
}
