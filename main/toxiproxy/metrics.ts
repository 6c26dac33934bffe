// The bytes that proxies have carried, in Prometheus' text format, under toxiproxy's names and labels (its METRICS.md). toxiproxy
// adds them when a connection ends; here they rise while it lasts. Counterpart: proxies.ts.
import { flows } from '../../preload/contract/faults.ts'
import type { Proxies } from './proxies.ts'

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8'

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')

const counters = [
  { name: 'toxiproxy_proxy_received_bytes_total', of: 'receivedBytes' },
  { name: 'toxiproxy_proxy_sent_bytes_total', of: 'sentBytes' },
] as const

export const writeMetrics = async (proxies: Proxies): Promise<string> => {
  const all = [...(await proxies.all()).values()]
  const traffics = await Promise.all(all.map(async (proxy) => ({ proxy, traffic: await proxies.traffic(proxy) })))
  const lines: string[] = []
  for (const { name, of } of counters) {
    lines.push(`# HELP ${name} `, `# TYPE ${name} counter`)
    for (const { proxy, traffic } of traffics)
      for (const flow of flows) {
        const labels = { direction: flow, listener: proxy.listen, proxy: proxy.spec.name, upstream: proxy.upstream }
        const text = Object.entries(labels).map(([label, value]) => `${label}="${escaped(value)}"`)
        lines.push(`${name}{${text.join(',')}} ${traffic[flow][of]}`)
      }
  }
  return `${lines.join('\n')}\n`
}
