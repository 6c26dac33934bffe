// TLS and sockets on the command line: `--tls …` of listen and connect, `--listen-tls …` and `--upstream-tls …` of relay, and
// what sockets are set to. Counterparts: the commands, which put what this makes into their specs; session.ts, which hands
// the engine what their identities mean; main/tls.
import { readFileSync } from 'node:fs'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { fail, type Result } from '../../preload/contract/failure.ts'
import {
  generatedIdentity,
  type IdentityName,
  type TlsClientSpec,
  type TlsServerSpec,
  type TlsVersion,
  tlsVersions,
} from '../../preload/contract/tls.ts'
import type { Reconnect, SocketOptions } from '../../preload/contract/vocabulary.ts'
import type { EngineHost } from '../engine-host.ts'
import { type KeyPair, readCertificates, readKeyPair } from '../tls/pem.ts'
import { createTlsKeeping, defaultTlsFolder } from '../tls/tls-keeping.ts'
import { milliseconds, positiveCount } from './options.ts'

/** What every command that runs an endpoint may be given beside its sides. */
export interface ConnectivityOptions {
  readonly tlsKeylog?: string
  readonly tlsFolder?: string
  readonly nagle?: true
  /** Seconds. */
  readonly keepAlive?: number
  readonly highWater?: number
}

/** One side's words, without their prefix. */
interface SideOptions {
  /** True without an identity's name. */
  readonly on?: true | string
  readonly identity?: string
  readonly cert?: string
  readonly key?: string
  readonly clientCa?: string
  readonly ca?: string
  readonly alpn?: readonly string[]
  readonly min?: TlsVersion
  readonly max?: TlsVersion
  readonly name?: string
  readonly insecure?: true
}

/** Which side of TLS, by the word that its options begin with. */
export type TlsPrefix = 'tls' | 'listen-tls' | 'upstream-tls'

const camel = (words: string): string => words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())

const words = ['identity', 'cert', 'key', 'client-ca', 'ca', 'alpn', 'min', 'max', 'name', 'insecure'] as const

const sideOf = (options: object, prefix: TlsPrefix): SideOptions | null => {
  const given: Record<string, unknown> = { ...options }
  const side: Record<string, unknown> = { on: given[camel(prefix)] }
  for (const word of words) side[camel(word)] = given[camel(`${prefix}-${word}`)]
  // Whoever says how TLS is to be wants it.
  return Object.values(side).some((value) => value !== undefined) ? (side as SideOptions) : null
}

const protocols = (text: string): readonly string[] => {
  const names = text.split(',').map((name) => name.trim())
  if (names.some((name) => name === ''))
    throw new InvalidArgumentError('Use names with commas between, such as h2,http/1.1.')
  return names
}

const version = (text: string): TlsVersion => {
  const found = tlsVersions.find((each) => each === text || each === `TLSv${text}`)
  if (found === undefined) throw new InvalidArgumentError(`Use 1.2 or 1.3.`)
  return found
}

/** The text of a PEM file that a person named; a wrong use where there is none. */
const pemFile = (text: string): string => {
  try {
    return readFileSync(text, 'utf8')
  } catch (error) {
    const { code = 'error' } = error as NodeJS.ErrnoException
    throw new InvalidArgumentError(`${text} cannot be read (${code}).`)
  }
}

const certificatesFile = (path: string): string => {
  const text = pemFile(path)
  const certificates = readCertificates(text)
  if (!certificates.ok) throw new InvalidArgumentError(`${path}: ${certificates.failure.message}.`)
  return text
}

const withVersions = (command: Command, prefix: TlsPrefix): Command =>
  command
    .addOption(new Option(`--${prefix}-alpn <NAMES>`, 'application protocols, most wanted first').argParser(protocols))
    .addOption(new Option(`--${prefix}-min <VERSION>`, 'lowest TLS version: 1.2 (default) or 1.3').argParser(version))
    .addOption(new Option(`--${prefix}-max <VERSION>`, 'highest TLS version: 1.2 or 1.3 (default)').argParser(version))

const withPair = (command: Command, prefix: TlsPrefix, whose: string): Command =>
  command
    .addOption(new Option(`--${prefix}-cert <FILE>`, `${whose}: PEM, with its chain`).argParser(pemFile))
    .addOption(new Option(`--${prefix}-key <FILE>`, 'its private key: PEM, not encrypted').argParser(pemFile))

/** What follows `--tls` is taken for its word, also where it was meant for the command. */
const identityName = (text: string): string => {
  if (/^(\S*:)?\d{1,5}$/.test(text))
    throw new InvalidArgumentError('That looks like a place to listen at; write it before this option.')
  return text
}

/** Gives a command that accepts connections its side of TLS. */
export const withServerTls = (command: Command, prefix: TlsPrefix): Command => {
  command.addOption(
    new Option(
      `--${prefix} [IDENTITY]`,
      'speak TLS with those who connect; IDENTITY is a certificate kept by the workbench, or the one that is made here',
    ).argParser(identityName),
  )
  return withVersions(withPair(command, prefix, 'the certificate to show'), prefix).addOption(
    new Option(
      `--${prefix}-client-ca <FILE>`,
      'demand a client certificate that one of these has signed: PEM',
    ).argParser(certificatesFile),
  )
}

/** Gives a command that connects its side of TLS. */
export const withClientTls = (command: Command, prefix: TlsPrefix): Command =>
  withVersions(
    withPair(
      command
        .addOption(new Option(`--${prefix}`, 'speak TLS with the server, and refuse one that is not trusted'))
        .addOption(
          new Option(
            `--${prefix}-name <NAME>`,
            'the name to ask for (SNI) and to find in the certificate; HOST unless given',
          ),
        )
        .addOption(new Option(`--${prefix}-insecure`, 'go on with a server that is not trusted, and say why it is not'))
        .addOption(
          new Option(`--${prefix}-ca <FILE>`, 'trust these in place of the known authorities: PEM').argParser(
            certificatesFile,
          ),
        )
        .addOption(new Option(`--${prefix}-identity <IDENTITY>`, 'show a client certificate kept by the workbench')),
      prefix,
      'a client certificate to show',
    ),
    prefix,
  )

const seconds = (text: string): number => {
  const value = positiveCount(text)
  if (value > 86_400) throw new InvalidArgumentError('Use at most 86400 s, which is a day.')
  return value
}

/** Gives a command what sockets can be set to, and where TLS secrets go. */
export const withConnectivity = (command: Command): Command =>
  command
    .addOption(
      new Option(
        '--tls-keylog <FILE>',
        'append the secrets of TLS sessions to FILE, for Wireshark; whoever has it can read what they carried',
      ),
    )
    .addOption(
      new Option('--tls-folder <DIR>', 'where certificates are kept (default: that of this person’s app data)'),
    )
    .addOption(new Option('--nagle', 'let the system gather small writes (TCP_NODELAY off)'))
    .addOption(
      new Option('--keep-alive <SECONDS>', 'probe the peer after so many seconds of silence (SO_KEEPALIVE)').argParser(
        seconds,
      ),
    )
    .addOption(
      new Option('--high-water <BYTES>', 'unsent bytes above which writing pauses; 65536 unless given').argParser(
        positiveCount,
      ),
    )

const waits = (text: string): Reconnect => {
  const [, first, most, attempts] = /^(\d+)(?:,(\d+)(?:,(\d+))?)?$/.exec(text) ?? []
  if (first === undefined) throw new InvalidArgumentError('Use FIRST[,LONGEST[,ATTEMPTS]] in ms, such as 500,10000,20.')
  const firstMs = milliseconds(first)
  return {
    firstMs,
    maxMs: most === undefined ? Math.max(firstMs, defaultReconnect.maxMs) : milliseconds(most),
    attempts: attempts === undefined ? null : positiveCount(attempts),
  }
}

/** What `--reconnect` alone means: a second, twice as long each time, at most half a minute, for ever. */
export const defaultReconnect: Reconnect = { firstMs: 1000, maxMs: 30_000, attempts: null }

export const withReconnect = (command: Command): Command =>
  command.addOption(
    new Option(
      '--reconnect [WAITS]',
      'make a lost or refused connection again: after FIRST[,LONGEST[,ATTEMPTS]] ms, doubling; 1000,30000 unless given',
    )
      .preset(`${defaultReconnect.firstMs},${defaultReconnect.maxMs}`)
      .argParser(waits),
  )

/** The name by which the engine knows what `--tls-cert` and `--tls-key` hold. */
const fileIdentity = (prefix: TlsPrefix): IdentityName => `${prefix} files`

const commonOf = (side: SideOptions, { tlsKeylog }: ConnectivityOptions) => ({
  alpn: side.alpn ?? [],
  minVersion: side.min ?? 'TLSv1.2',
  maxVersion: side.max ?? 'TLSv1.3',
  ...(tlsKeylog === undefined ? {} : { keyLog: true }),
})

const namedIdentity = (side: SideOptions, prefix: TlsPrefix, command: Command): IdentityName | null => {
  if ((side.cert === undefined) !== (side.key === undefined))
    return command.error(`error: --${prefix}-cert and --${prefix}-key belong together; give both`)
  const name = typeof side.on === 'string' ? side.on : (side.identity ?? null)
  if (name !== null && side.cert !== undefined)
    return command.error(`error: either --${prefix}-cert or a kept certificate, not both`)
  return side.cert === undefined ? name : fileIdentity(prefix)
}

/** How connections that are accepted are secured, as the words have it; undefined for not at all. */
export const serverTlsSpec = (
  command: Command,
  options: ConnectivityOptions,
  prefix: TlsPrefix,
): TlsServerSpec | undefined => {
  const side = sideOf(options, prefix)
  if (side === null) return undefined
  return {
    ...commonOf(side, options),
    identity: namedIdentity(side, prefix, command) ?? generatedIdentity,
    clientCertificate: side.clientCa === undefined ? 'no' : 'require',
    caPem: side.clientCa ?? '',
  }
}

/** How the connection to a server is secured, as the words have it; undefined for not at all. */
export const clientTlsSpec = (
  command: Command,
  options: ConnectivityOptions,
  prefix: TlsPrefix,
): TlsClientSpec | undefined => {
  const side = sideOf(options, prefix)
  if (side === null) return undefined
  return {
    ...commonOf(side, options),
    serverName: side.name ?? '',
    verify: side.insecure !== true,
    caPem: side.ca ?? '',
    identity: namedIdentity(side, prefix, command),
  }
}

/** What sockets are set to; undefined for as ever. */
export const socketSpec = ({ nagle, keepAlive, highWater }: ConnectivityOptions): SocketOptions | undefined => {
  const socket = {
    ...(nagle === true ? { noDelay: false } : {}),
    ...(keepAlive === undefined ? {} : { keepAliveMs: keepAlive * 1000 }),
    ...(highWater === undefined ? {} : { highWaterBytes: highWater }),
  }
  return Object.keys(socket).length === 0 ? undefined : socket
}

const present = <K extends string, T>(key: K, value: T | undefined) =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: T }

/** The fields of a listener's spec, a client's and a relay's that these words fill. */
export const listenerFields = (command: Command, options: ConnectivityOptions) => ({
  ...present('tls', serverTlsSpec(command, options, 'tls')),
  ...present('socket', socketSpec(options)),
})
export const clientFields = (command: Command, options: ConnectivityOptions & { readonly reconnect?: Reconnect }) => ({
  ...present('tls', clientTlsSpec(command, options, 'tls')),
  ...present('socket', socketSpec(options)),
  ...present('reconnect', options.reconnect),
})
export const relayFields = (command: Command, options: ConnectivityOptions) => ({
  ...present('listenTls', serverTlsSpec(command, options, 'listen-tls')),
  ...present('upstreamTls', clientTlsSpec(command, options, 'upstream-tls')),
  ...present('socket', socketSpec(options)),
})

const pairOfFiles = (name: IdentityName, options: object): Result<KeyPair> | null => {
  for (const prefix of ['tls', 'listen-tls', 'upstream-tls'] as const) {
    const side = sideOf(options, prefix)
    if (name !== fileIdentity(prefix) || side?.cert === undefined || side.key === undefined) continue
    const pair = readKeyPair(side.cert, side.key)
    return pair.ok || pair.failure.code !== 'encrypted-key'
      ? pair
      : fail(
          'encrypted-key',
          `The key of --${prefix}-key is encrypted; decrypt it first (openssl pkey -in FILE -out PLAIN), or import it in the workbench, which asks for its passphrase`,
        )
  }
  return null
}

/** Tells the engine what identities mean, and writes the key log. Call what it answers when the engine has stopped. */
export const keepTls = (engine: EngineHost, options: ConnectivityOptions): (() => Promise<void>) => {
  const keeping = createTlsKeeping(engine, {
    folder: options.tlsFolder ?? defaultTlsFolder(),
    ...(options.tlsKeylog === undefined ? {} : { keyLogPath: options.tlsKeylog }),
  })
  engine.useIdentities(async (name) => pairOfFiles(name, options) ?? (await keeping.identities.pair(name)))
  return keeping.dispose
}
