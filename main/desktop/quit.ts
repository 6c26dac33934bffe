// Leaving in order: the first wish to quit is held back until the workbench has closed its connections and delivered its last
// events; then the app quits for good. Counterpart: `stop` of main/workbench.ts.
import { app } from 'electron'

/** How long connections have to flush and exchange FINs before what is left is reset, in ms. */
const graceMs = 3_000

/** From now on, quitting waits for `stop`. A stop that fails is shown and does not keep the app from ending. */
export const stopBeforeQuit = (stop: (graceMs: number) => Promise<void>): void => {
  let state: 'running' | 'stopping' | 'stopped' = 'running'
  app.on('before-quit', (event) => {
    if (state === 'stopped') return
    event.preventDefault()
    if (state === 'stopping') return
    state = 'stopping'
    stop(graceMs)
      .catch((error: unknown) => console.error('The workbench did not stop in order:', error))
      .finally(() => {
        state = 'stopped'
        app.quit()
      })
  })
}
