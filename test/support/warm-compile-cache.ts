// Runs once before the tests: starts and stops an engine in a process of its own, so that its stripped sources are in Node's
// compile cache before many threads ask for them. Counterpart: vitest.config.ts, which says why.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const host = pathToFileURL(join(import.meta.dirname, '../../main/engine-host.ts')).href

const scripts = pathToFileURL(join(import.meta.dirname, '../../main/scripts/thread.ts')).href

export default (): void => {
  const engine = `import('${host}').then(async ({ createEngineHost }) => (await createEngineHost()).stop(0))`
  // A thread's own file refuses to run elsewhere, once all that it is made of has been compiled.
  const source = `${engine}.then(() => import('${scripts}').catch(() => {}))`
  execFileSync(process.execPath, ['-e', source], { stdio: 'inherit' })
}
