// `protocol` and `session.defaultSession`: schemes and who answers them, permissions and who grants them. As in Electron, what nobody
// has denied is granted. Counterpart: window.ts asks both for the page that it shows.
import type { CustomScheme, Protocol, Session, WebContents } from 'electron'
import { app } from './app.ts'

type RequestHandler = Parameters<Protocol['handle']>[1]
type CheckHandler = NonNullable<Parameters<Session['setPermissionCheckHandler']>[0]>
type RequestPermissionHandler = NonNullable<Parameters<Session['setPermissionRequestHandler']>[0]>
type Permission = Parameters<CheckHandler>[1] & Parameters<RequestPermissionHandler>[1]

class StandInProtocol implements Pick<Protocol, 'registerSchemesAsPrivileged' | 'handle'> {
  readonly #schemes = new Map<string, CustomScheme>()
  readonly #handlers = new Map<string, RequestHandler>()

  registerSchemesAsPrivileged(customSchemes: CustomScheme[]): void {
    app.mustNotBeReady('protocol.registerSchemesAsPrivileged')
    for (const each of customSchemes) this.#schemes.set(each.scheme, each)
  }

  handle(scheme: string, handler: RequestHandler): void {
    app.mustBeReady('protocol.handle')
    this.#handlers.set(scheme, handler)
  }

  async answer(request: Request): Promise<Response> {
    const scheme = new URL(request.url).protocol.slice(0, -1)
    const { standard, secure } = this.#schemes.get(scheme)?.privileges ?? {}
    // The page is shown as https here, which is both; under Electron it would have no origin, or no secure context.
    if (!standard || !secure) throw new Error(`${scheme}: is not registered as a standard and secure scheme`)
    const handler = this.#handlers.get(scheme)
    if (handler === undefined) throw new Error(`Nobody handles ${scheme}:`)
    return handler(request)
  }
}

class StandInSession
  implements Pick<Session, 'setPermissionCheckHandler' | 'setPermissionRequestHandler' | 'setDevicePermissionHandler'>
{
  #check: CheckHandler | null = null
  #request: RequestPermissionHandler | null = null

  setPermissionCheckHandler(handler: CheckHandler | null): void {
    this.#check = handler
  }

  setPermissionRequestHandler(handler: RequestPermissionHandler | null): void {
    this.#request = handler
  }

  /** Taken; no device is ever offered here. */
  setDevicePermissionHandler(): void {}

  /** What a page at `origin` is granted when it asks: by a check, or by a request after a denied check. */
  async grants(contents: WebContents, permission: Permission, origin: string): Promise<boolean> {
    const details = { isMainFrame: true, requestingUrl: `${origin}/` }
    // Electron spells this origin as a URL, with its slash.
    if (this.#check?.(contents, permission, `${origin}/`, details) ?? true) return true
    const request = this.#request
    return request === null || new Promise((resolve) => request(contents, permission, resolve, details))
  }
}

export const protocol = new StandInProtocol()
const defaultSession = new StandInSession()
export const session = { defaultSession }
