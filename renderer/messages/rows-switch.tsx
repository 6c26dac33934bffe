// Chunks or messages: what a row of the table is. Counterpart: rows-view.ts.
import { useTranslation } from 'react-i18next'
import { Segmented } from '../ui/segmented.tsx'
import { type RowsView, rowsViewStore, useRowsView } from './rows-view.ts'

export const RowsSwitch = () => {
  const { t } = useTranslation()
  const rows = useRowsView()
  return (
    <Segmented<RowsView>
      label={t('messages.view')}
      value={rows}
      choices={[
        { value: 'chunks', text: t('messages.chunks') },
        { value: 'messages', text: t('messages.messages') },
      ]}
      onChange={(next) => rowsViewStore.setState({ rows: next })}
    />
  )
}
