export { createVetAssist, IDENTIFIER, type VetAssist, type VetAssistOptions } from './vet-assist.ts'
