// `app://wireloop/…`, served from memory: a standard, secure origin, so that the page has storage, modules and a CSP like any
// other, and no file path is ever made from a URL. Counterpart: main/page-files.ts.
import { protocol } from 'electron'
import type { PageFiles } from '../page-files.ts'
import { pageHeaders } from '../page-headers.ts'
import { appHost, appScheme } from './page-address.ts'

/** Tells Chromium what kind of scheme ours is. Only before the app is ready. */
export const registerAppScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: appScheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])

const refuse = (status: number, text: string): Response =>
  new Response(text, { status, headers: { ...pageHeaders(), 'Content-Type': 'text/plain; charset=utf-8' } })

/** Answers every request under the scheme; what is not one of `files` is not there. */
export const serveApp = (files: PageFiles): void =>
  protocol.handle(appScheme, (request) => {
    const url = new URL(request.url)
    if (url.host !== appHost) return refuse(404, `There is no ${appScheme}://${url.host}`)
    if (request.method !== 'GET' && request.method !== 'HEAD')
      return refuse(405, 'Pages are served to GET and HEAD only')
    const file = files.get(url.pathname)
    if (file === undefined) return refuse(404, 'There is no such page in Wireloop')
    return new Response(request.method === 'HEAD' ? null : file.body, {
      headers: { ...pageHeaders(), 'Content-Type': file.contentType, 'Cache-Control': file.cacheControl },
    })
  })
