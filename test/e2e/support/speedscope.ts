// Opens a trace in speedscope, an independent reader of Chrome's trace-event format, in Chromium, and answers what it read: its
// own export of it. Served from node_modules on loopback. Counterpart: trace-viewer.test.ts.
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { basename, dirname, extname, join } from 'node:path'
import type { Page } from 'playwright-core'
import { onTestFinished } from 'vitest'

const release = join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release')
const typeOf: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
}

/** One track as speedscope has understood it. Times in µs since the track's first event. */
export interface ReadTrack {
  readonly name: string
  readonly unit: string
  /** Frames in the order in which they open; `depth` 1 is the outermost. */
  readonly frames: readonly {
    readonly name: string
    readonly at: number
    readonly end: number
    readonly depth: number
  }[]
}

/** speedscope's file format, as far as it is needed here (file-format-schema.json). */
interface SpeedscopeFile {
  readonly shared: { readonly frames: readonly { readonly name: string }[] }
  readonly profiles: readonly {
    readonly type: 'evented'
    readonly name: string
    readonly unit: string
    readonly events: readonly { readonly type: 'O' | 'C'; readonly frame: number; readonly at: number }[]
  }[]
}

const trackOf = (file: SpeedscopeFile, profile: SpeedscopeFile['profiles'][number]): ReadTrack => {
  const frames: { name: string; at: number; end: number; depth: number }[] = []
  const open: typeof frames = []
  for (const { type, frame, at } of profile.events) {
    if (type === 'O') {
      const opened = { name: file.shared.frames[frame]!.name, at, end: Number.NaN, depth: open.length + 1 }
      frames.push(opened)
      open.push(opened)
    } else open.pop()!.end = at
  }
  return { name: profile.name, unit: profile.unit, frames }
}

/** Opens the file at `path` in a page of its own; also answers what speedscope's console complained about. */
export const readBySpeedscope = async (
  newPage: () => Promise<Page>,
  path: string,
): Promise<{ readonly tracks: readonly ReadTrack[]; readonly complaints: readonly string[] }> => {
  const server = createServer(async (request, response) => {
    const name = basename(new URL(request.url ?? '/', 'http://localhost').pathname) || 'index.html'
    try {
      const body = await readFile(join(release, name))
      response.setHeader('content-type', typeOf[extname(name)] ?? 'application/octet-stream')
      response.end(body)
    } catch {
      response.writeHead(404).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  const page = await newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    // What the graphics driver says is about this machine.
    if (['warning', 'error'].includes(message.type()) && !message.text().includes('GL Driver Message'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(error.message))
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  await page.locator('input[type=file]').setInputFiles(path)
  // The title names the file once it has been read.
  await page.waitForFunction((name) => document.title.includes(name), basename(path))
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Control+s')])
  const file = JSON.parse(await readFile(await download.path(), 'utf8')) as SpeedscopeFile
  return { tracks: file.profiles.map((profile) => trackOf(file, profile)), complaints }
}
