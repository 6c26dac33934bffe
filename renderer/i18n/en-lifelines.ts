// English of workbench/lifelines. Keys are reached as t('lifelines.…').
export const enLifelines = {} as const
