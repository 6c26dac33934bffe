// Runs once before the end-to-end tests: builds out/ where it is missing or older than a source, and says loudly where there is
// no Chromium to run them in. Counterparts: scripts/build-if-stale.ts, test/support/chromium.ts.
import { buildIfStale } from '../../../scripts/build-if-stale.ts'
import { chromiumMissing, chromiumPath } from '../../support/chromium.ts'

export default (): void => {
  buildIfStale(() => console.error('Building Wireloop for the end-to-end tests …'))
  if (chromiumPath() !== null) return
  // On a person's machine a missing browser is no failure of the project; in CI a silent skip would be one.
  if (process.env['CI']) throw new Error(chromiumMissing)
  console.error(`\n*** ${chromiumMissing} ***\n`)
}
