// The built main and preload with a page of a few lines instead of the renderer, so that a test holds both ends of the pipes: what the
// preload exposes and hands over, seen from the page's own world. Counterpart: test/support/desktop-stand-in/driver.ts.
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommandName, Commands, FromPage, PreloadApi, ToPage } from '../../../preload/contract/api.ts'
import { type EventBatch, openBatch } from '../../../preload/contract/event-columns.ts'
import type { Result } from '../../../preload/contract/failure.ts'
import { type Desktop, startDesktop } from '../../support/desktop-stand-in/driver.ts'

const built = join(import.meta.dirname, '../../../out')

/** What the plain page keeps of its event ports. */
interface Plain {
  ports: number
  readonly messages: ToPage[]
  post(message: FromPage): void
}

// Of the page's globals, what the functions below use there.
declare const window: { readonly wireloop: PreloadApi; readonly plain: Plain }

const pageHtml = `<!doctype html>
<meta charset="utf-8"><title>Plain</title>
<script>window.inlineRan = true</script>
<script src="/plain.js"></script>
<a id="leave">leave</a>`

// What the policy must stop is tried here, as the page's own script: a debugger's evaluations are exempt from it.
const pageScript = `
try { window.evaluated = eval('true') } catch {}
let port
window.plain = { ports: 0, messages: [], post: (message) => port.postMessage(message) }
window.addEventListener('message', (event) => {
  if (event.data !== 'wireloop:events') return
  port = event.ports[0]
  window.plain.ports++
  port.onmessage = ({ data }) => window.plain.messages.push(data)
})
`

export interface PlainDesktop extends Desktop {
  command<K extends CommandName>(name: K, args: Commands[K]['args']): Promise<Result<Commands[K]['value']>>
  /** Opens the event port, once more each time, and waits for it to arrive. */
  openEvents(): Promise<void>
  post(message: FromPage): Promise<void>
  /** The batches that the page has received so far, in order. */
  batches(): Promise<EventBatch[]>
}

/** Starts the built app on the plain page. */
export const startPlainDesktop = async (): Promise<PlainDesktop> => {
  const out = await mkdtemp(join(tmpdir(), 'wireloop-plain-'))
  // Copied, not linked: main finds its pages beside itself.
  for (const part of ['main', 'preload']) await cp(join(built, part), join(out, part), { recursive: true })
  await writeFile(join(out, 'package.json'), '{ "type": "module" }')
  await mkdir(join(out, 'renderer'))
  await writeFile(join(out, 'renderer/index.html'), pageHtml)
  await writeFile(join(out, 'renderer/plain.js'), pageScript)
  const remove = () => rm(out, { recursive: true, force: true })
  const desktop = await startDesktop(out).catch(async (error: Error) => {
    await remove()
    throw error
  })
  const { page } = desktop
  return {
    ...desktop,
    command: (name, args) =>
      page.evaluate(({ name, args }) => window.wireloop.commands[name](args as never), { name, args }) as Promise<
        Result<never>
      >,
    openEvents: async () => {
      const before = await page.evaluate(() => window.plain.ports)
      await page.evaluate(() => window.wireloop.openEvents())
      await page.waitForFunction((ports) => window.plain.ports > ports, before)
    },
    post: (message) => page.evaluate((each) => window.plain.post(each), message),
    batches: async () => {
      const buffers = await page.evaluate(() =>
        window.plain.messages.flatMap((message) => (message.type === 'batch' ? [new Uint8Array(message.buffer)] : [])),
      )
      return buffers.map((bytes) => openBatch(new Uint8Array(bytes).buffer))
    },
    dispose: async () => {
      await desktop.dispose()
      await remove()
    },
  }
}
