export { type App, type AppOptions, createApp } from './app.ts'
export type { Item, State, ToolItem } from './wire.ts'
export { type AssistantModel, chooseModel } from './agent/model.ts'
