// The built renderer, read once into memory: both hosts serve from this map and from nowhere else, so that no path a page can
// spell leads outside it. Counterparts: main/serve/serve-host.ts, main/desktop/app-protocol.ts.
import { readdir, readFile } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'
import { fail, ok, type Result } from '../preload/contract/failure.ts'

export interface PageFile {
  readonly body: Uint8Array<ArrayBuffer>
  readonly contentType: string
  /** A file whose name holds a hash of its content never changes; all others are asked for again. */
  readonly cacheControl: string
}

/** URL path → file; the page itself is `/`. */
export type PageFiles = ReadonlyMap<string, PageFile>

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
}

/** Reads the files under `directory` (out/renderer). Failure where it is not there or holds no index.html. */
export const readPageFiles = async (directory: string): Promise<Result<PageFiles>> => {
  const files = new Map<string, PageFile>()
  try {
    for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(join(directory, sep).length).split(sep).join('/')
      files.set(name === 'index.html' ? '/' : `/${name}`, {
        body: new Uint8Array(await readFile(path)),
        contentType: contentTypes[extname(name).toLowerCase()] ?? 'application/octet-stream',
        cacheControl: name.startsWith('assets/') ? 'private, max-age=31536000, immutable' : 'no-store',
      })
    }
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    return fail(
      String(error.code),
      `The built pages cannot be read from ${directory} (${error.message}); run “npm run build”`,
    )
  }
  return files.has('/')
    ? ok(files)
    : fail('ENOENT', `There is no index.html in ${directory}; run “npm run build” to build the pages`)
}
