// Chromium alone does not open an unknown scheme such as `app:`, so the page's real address is https on a name that is never looked
// up; main, its handlers and its checks see `app://wireloop` only. The one place that knows both.

/** The origin under which Chromium shows what main knows as `app://wireloop`. */
export const shownOrigin = 'https://wireloop.app-stand-in'
const mainOrigin = 'app://wireloop'

/** An address of Chromium's as main is told it. */
export const toMainUrl = (url: string): string =>
  url.startsWith(`${shownOrigin}/`) ? mainOrigin + url.slice(shownOrigin.length) : url

/** An address of main's as Chromium is told it. */
export const toShownUrl = (url: string): string =>
  url.startsWith(`${mainOrigin}/`) ? shownOrigin + url.slice(mainOrigin.length) : url

/** An origin of Chromium's as main is told it. */
export const toMainOrigin = (origin: string): string => (origin === shownOrigin ? mainOrigin : origin)
