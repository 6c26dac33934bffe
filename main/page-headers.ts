// The headers that fence a page in, the same for the window (main/desktop) and the browser (main/serve): what it may load, run,
// connect to and be embedded in. The renderer's counterpart is its build, which inlines nothing (electron.vite.config.ts).

/**
 * The content security policy: code, style and fonts from our own origin, nothing inline, nothing from elsewhere.
 * `connect` names origins beside our own, for the WebSocket of a browser that does not count `ws:` as `'self'`.
 */
export const contentSecurityPolicy = (connect: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `connect-src ${["'self'", ...connect].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')

/** Headers of every answer that goes to a page. */
export const pageHeaders = (connect: readonly string[] = []): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': contentSecurityPolicy(connect),
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
})
