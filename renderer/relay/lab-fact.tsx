// What a relay does to what passes, in the inspector's page of it. Counterparts: relay-sheet.tsx edits it, the side bar says
// the shortest of it.
import { useTranslation } from 'react-i18next'
import { flows } from '../../preload/contract/faults.ts'
import type { EndpointInfo } from '../../preload/contract/vocabulary.ts'
import { Fact } from '../workbench/inspector/parts.tsx'

/** Nothing for what is no relay, and for a relay that passes everything as it is. */
export const LabFact = ({ endpoint: { spec, held } }: { readonly endpoint: EndpointInfo }) => {
  const { t } = useTranslation()
  if (spec.role !== 'relay' || spec.lab === undefined) return null
  const { lab } = spec
  return (
    <>
      {flows.map((flow) => {
        const { intercept, replacements, faults } = lab[flow]
        const words = [
          intercept.on ? t('relay.side.intercepting').toLowerCase() : '',
          ...replacements.filter(({ on }) => on).map(({ name }) => name),
          ...faults.filter(({ on }) => on).map(({ name }) => name),
        ].filter((each) => each !== '')
        return words.length === 0 ? null : (
          <Fact key={flow} label={t(`relay.flowFact.${flow}`)}>
            {words.join(', ')}
          </Fact>
        )
      })}
      {held === 0 ? null : <Fact label={t('relay.held.title')}>{t('relay.side.held', { count: held })}</Fact>}
    </>
  )
}
