// `npm start`: builds if needed and opens the desktop app; where Electron cannot run, says why in one sentence and serves
// the same app to a browser (`out/main/cli.js serve`). Arguments go to `serve`: npm start -- --port 8080 --no-open

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { buildIfStale, root } from './build-if-stale.ts'
import { desktopObstacle, findElectron, runElectron } from './electron.ts'

const say = (sentence: string) => process.stderr.write(`${sentence}\n`)

/** Never returns where the desktop app ran; answers why it did not otherwise. */
const openDesktop = async (): Promise<string> => {
  const obstacle = desktopObstacle(process.platform, process.env, process.getuid?.())
  if (obstacle !== null) return obstacle
  const electron = await findElectron(say)
  if (!electron.ok) return electron.failure.message
  const end = await runElectron(electron.value)
  if (end.failedToStart !== null) return end.failedToStart
  process.exit(end.code)
}

try {
  buildIfStale(() => say('Building Wireloop …'))
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exit(1)
}
say(`${await openDesktop()} Serving Wireloop to a browser instead.`)
// In this very process, so that signals and the exit code need no passing on.
const cli = join(root, 'out/main/cli.js')
process.argv = [process.execPath, cli, 'serve', ...process.argv.slice(2)]
await import(pathToFileURL(cli).href)
