// Runs once before the end-to-end tests: builds out/ where it is missing or older than a source, and says loudly where there is
// no Chromium to run them in. Counterpart: test/support/chromium.ts.
import { spawnSync } from 'node:child_process'
import { existsSync, globSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { chromiumMissing, chromiumPath } from '../../support/chromium.ts'

const root = join(import.meta.dirname, '../../..')
const sources = ['main/**', 'preload/**', 'renderer/**', 'package.json', 'package-lock.json', 'electron.vite.config.ts']
const products = [
  'out/main/index.js',
  'out/main/cli.js',
  'out/main/engine.js',
  'out/preload/index.cjs',
  'out/renderer/index.html',
]

const changedAtMs = (path: string): number => statSync(join(root, path)).mtimeMs

const isStale = (): boolean => {
  if (products.some((path) => !existsSync(join(root, path)))) return true
  const builtAtMs = Math.min(...products.map(changedAtMs))
  return globSync(sources, { cwd: root }).some((path) => changedAtMs(path) > builtAtMs)
}

export default (): void => {
  if (isStale()) {
    const cli = join(root, 'node_modules/electron-vite/bin/electron-vite.js')
    const build = spawnSync(process.execPath, [cli, 'build'], { cwd: root, encoding: 'utf8' })
    if (build.status !== 0)
      throw new Error(`electron-vite build failed (${build.status ?? build.signal}):\n${build.stdout}${build.stderr}`)
  }
  if (chromiumPath() === null) {
    // On a person's machine a missing browser is no failure of the project; in CI a silent skip would be one.
    if (process.env['CI']) throw new Error(chromiumMissing)
    console.error(`\n*** ${chromiumMissing} ***\n`)
  }
}
