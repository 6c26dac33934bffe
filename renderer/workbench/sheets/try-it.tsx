// Two lines to paste into a terminal that talk to what the sheet is about to start. Counterpart: the command line in
// main/cli, whose words these are.
import { useTranslation } from 'react-i18next'
import { formatAddress, parseHost, parsePort } from '../../../preload/contract/checks.ts'
import type { EndpointRole } from '../../../preload/contract/vocabulary.ts'

const isLoopback = (host: string): boolean => /^(localhost|127\..*|::1)$/.test(host)

const linesFor = (role: EndpointRole, host: string, port: number): readonly string[] => {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  const address = formatAddress({ host: reachable, port })
  switch (role) {
    case 'listener':
    case 'relay':
      return [`ncat ${reachable} ${port}`, `wireloop connect ${address} --send 'Hello World!'`]
    case 'client':
      return [`ncat -lk ${reachable} ${port}`, `wireloop listen ${address} --reply echo`]
  }
}

export const TryIt = ({
  kind,
  host,
  port,
}: {
  readonly kind: EndpointRole
  readonly host: string
  readonly port: string
}) => {
  const { t } = useTranslation()
  const parsedHost = parseHost(host)
  const parsedPort = parsePort(port, 1)
  // Only words that passed the check are shown as a command to run, and a peer only where this machine can be one.
  if (!parsedHost.ok || !parsedPort.ok) return null
  if (kind === 'client' && !isLoopback(parsedHost.value)) return null
  return (
    <div className="sheet-section try-it">
      <h3>{t(kind === 'client' ? 'sheet.haveAPeer' : 'sheet.tryIt')}</h3>
      <pre className="data selectable">
        {linesFor(kind, parsedHost.value, parsedPort.value).map((line) => (
          <code key={line}>{line}</code>
        ))}
      </pre>
    </div>
  )
}
