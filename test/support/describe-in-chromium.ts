// `describe` for tests that need a browser: skipped where this machine has none. Counterpart: test/e2e/support/build-once.ts, which
// has then said so, loudly. Apart from chromium.ts, because the desktop stand-in launches Chromium outside of vitest.
import { describe } from 'vitest'
import { chromiumPath } from './chromium.ts'

export const describeInChromium = describe.skipIf(chromiumPath() === null)
