// The section of messages and replies in the sheet of a new endpoint: folded in until it is wanted, with what it holds in a
// few words. Counterparts: replies-section.tsx, workbench/sheets/endpoint-sheet.tsx.
import { useTranslation } from 'react-i18next'
import type { Reply } from '../../preload/contract/vocabulary.ts'
import type { Answers } from './answers.ts'
import { RepliesSection } from './replies-section.tsx'

export interface RepliesFoldProps {
  readonly value: Answers
  readonly plain: Reply
  onChange(change: (held: Answers) => Answers): void
}

export const RepliesFold = ({ value, plain, onChange }: RepliesFoldProps) => {
  const { t } = useTranslation()
  const { how, rules, framing } = value
  const said =
    how === 'script'
      ? t('replies.foldScript')
      : rules.length > 0
        ? t('replies.foldRules', { count: rules.length })
        : framing.kind === 'raw'
          ? t('replies.foldNone')
          : ''
  const words = framing.kind === 'raw' ? said : [t(`replies.framing_${framing.kind}`), said].filter(Boolean).join(', ')
  return (
    <div className="sheet-section">
      <details className="fold">
        <summary>
          {t('replies.fold')} <span className="dim">{words}</span>
        </summary>
        <div className="fold-body">
          <RepliesSection value={value} plain={plain} onChange={onChange} onApply={() => undefined} />
        </div>
      </details>
    </div>
  )
}
