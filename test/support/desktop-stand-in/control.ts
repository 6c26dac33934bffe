// The line between the stand-in's process and the test that started it: what a person at the machine would do, and what they, or the
// operating system, would see. Counterparts: driver.ts (the test's side), run.ts and app.ts (this side).

/** What the test may have done to the app. */
export type Order =
  /** Ctrl+Q: `app.quit()` as the menu's role calls it. */
  | { readonly order: 'quit' }
  /** Leads the window elsewhere as only main could, past `will-navigate`. */
  | { readonly order: 'load'; readonly url: string }
  /** What the person chooses in the next dialog; null for Cancel. */
  | { readonly order: 'answer-dialog'; readonly path: string | null }
  /** Ends the process and its Chromium at once, whatever the app thinks of it: the test is over. */
  | { readonly order: 'exit' }

/** What the app did that the page does not show; addresses are main's. */
export type Report =
  | { readonly report: 'started'; readonly debuggingPort: number }
  | { readonly report: 'window-shown' }
  | { readonly report: 'page-loaded' }
  | { readonly report: 'navigation-denied'; readonly url: string }
  | { readonly report: 'window-denied'; readonly url: string }
  | { readonly report: 'menu-set'; readonly roles: readonly string[] }
  | {
      readonly report: 'dialog-shown'
      readonly kind: 'open' | 'save'
      /** It belongs to the window, which waits for it. */
      readonly overWindow: boolean
      readonly title: string
      readonly proposes: string | null
      readonly extensions: readonly string[]
    }

/** Tells the test; outside of a test nobody listens. */
export const report = (what: Report): void => {
  process.send?.(what)
}

export const onOrder = (listener: (order: Order) => void): void => {
  process.on('message', listener)
}
