// Builds out/ where it is missing or older than a source; quick where it is not. Used by scripts/start.ts.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

const sources = ['main/**', 'preload/**', 'renderer/**', 'package.json', 'package-lock.json', 'electron.vite.config.ts']
/** One product a side of the build; a build that was broken off lacks one, or leaves one old. */
const products = [
  'out/main/index.js',
  'out/main/cli.js',
  'out/main/engine.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]

const changedAtMs = (path: string): number => statSync(join(root, path)).mtimeMs

/** True where a product is missing, or a source has changed since the oldest product was written. */
export const isStale = (): boolean => {
  if (products.some((path) => !existsSync(join(root, path)))) return true
  const builtAtMs = Math.min(...products.map(changedAtMs))
  return globSync(sources, { cwd: root }).some((path) => changedAtMs(path) > builtAtMs)
}

/** Builds where that is needed; `announce` is called before it takes its time. Throws with the build's output. */
export const buildIfStale = (announce: () => void): void => {
  if (!isStale()) return
  announce()
  const cli = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
  const build = spawnSync(process.execPath, [cli, 'build'], { cwd: root, encoding: 'utf8' })
  if (build.status !== 0)
    throw new Error(`electron-vite build failed (${build.status ?? build.signal}):\n${build.stdout}${build.stderr}`)
}
