// What a page may ask about certificates. Keys go in and are never answered. Counterparts: the contract's TlsCommands,
// identities.ts; page-session.ts checks the arguments first.
import { fail, ok, type Result } from '../../preload/contract/failure.ts'
import type { TlsCommands } from '../../preload/contract/tls.ts'
import type { TlsKeeping } from './tls-keeping.ts'

type Handlers = { [K in keyof TlsCommands]: (args: TlsCommands[K]['args']) => Promise<Result<TlsCommands[K]['value']>> }

/** `takesKeys` false: a key would cross a network in clear text on its way here. */
export const tlsCommands = ({ identities, keyLogPath }: TlsKeeping, takesKeys: boolean): Handlers => ({
  listIdentities: () => identities.list(),
  importIdentity: async ({ name, certificatePem, keyPem, passphrase }) =>
    takesKeys
      ? identities.import(name, certificatePem, keyPem, passphrase)
      : fail(
          'refused',
          'A page on another machine sends no keys here: the way is not encrypted. Import on this machine',
        ),
  removeIdentity: ({ name }) => identities.remove(name),
  exportCertificate: ({ name }) => identities.certificatePem(name),
  exportAuthority: () => identities.authorityPem(),
  keyLogFile: async () => ok(keyLogPath),
})
