// English of workbench/event-table. Keys are reached as t('eventTable.…').
export const enEventTable = {} as const
