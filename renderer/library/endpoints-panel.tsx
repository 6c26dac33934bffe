// Endpoints that are kept from one session to the next, and started again by hand. Counterpart: stores/endpoints.ts, which
// has those that there are.
import { Play, Save, Trash2 } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import type { EndpointSpec } from '../../preload/contract/vocabulary.ts'
import { endpointKey, type SavedEndpoint } from '../../preload/contract/workspace.ts'
import { useCommands } from '../link/link.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { noticeStore } from '../stores/notice.ts'
import { useViewing } from '../stores/viewing.ts'
import { changeWorkspace, useWorkspace } from '../stores/workspace.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { newId } from './new-id.ts'

/** Those that are there, over those of the same role and addresses that were kept. */
const merged = (kept: readonly SavedEndpoint[], specs: readonly EndpointSpec[]): readonly SavedEndpoint[] => {
  const byKey = new Map(kept.map((saved) => [endpointKey(saved.spec), saved]))
  for (const spec of specs) {
    const key = endpointKey(spec)
    byKey.set(key, { id: byKey.get(key)?.id ?? newId(), spec })
  }
  return [...byKey.values()]
}

export const EndpointsPanel = () => {
  const { t } = useTranslation()
  const commands = useCommands()
  const live = useViewing((state) => state.file === null)
  const endpoints = useEndpoints((state) => state.endpoints)
  const kept = useWorkspace((state) => state.parts.endpoints)
  const specs = [...endpoints.values()].map(({ spec }) => spec)
  const there = new Set(specs.map(endpointKey))
  const report = (result: Parameters<ReturnType<typeof noticeStore.getState>['report']>[0]) =>
    noticeStore.getState().report(result)
  return (
    <>
      <div className="library-bar">
        <Button
          disabled={!live || specs.length === 0}
          onClick={() => void changeWorkspace('endpoints', (saved) => merged(saved, specs)).then(report)}
        >
          <Save size={14} aria-hidden="true" />
          {t('library.saveEndpoints')}
        </Button>
      </div>
      {kept.length === 0 ? <p className="dim">{t('library.noEndpoints')}</p> : null}
      <ul className="library-rows">
        {kept.map(({ id, spec }) => {
          const key = endpointKey(spec)
          return (
            <li key={id} className="library-row">
              <span className="library-row-main">
                <span className="cut">{spec.name === '' ? key : spec.name}</span>
                <span className="cut dim data">{key}</span>
              </span>
              {there.has(key) ? <span className="dim">{t('library.isThere')}</span> : null}
              <Button
                disabled={!live || there.has(key)}
                onClick={() => void commands.createEndpoint({ spec }).then(report)}
              >
                <Play size={14} aria-hidden="true" />
                {t('library.startEndpoint')}
              </Button>
              <IconButton
                label={t('library.remove')}
                onClick={() =>
                  void changeWorkspace('endpoints', (saved) => saved.filter((other) => other.id !== id)).then(report)
                }
              >
                <Trash2 size={14} aria-hidden="true" />
              </IconButton>
            </li>
          )
        })}
      </ul>
    </>
  )
}
