import { parentPort, workerData } from 'node:worker_threads'
import { PhotonImage, resize, SamplingFilter } from '@silvia-odwyer/photon-node'
import type { DrawTask } from './redraw.ts'

const { image, width, height } = workerData as DrawTask
const decoded = PhotonImage.new_from_byteslice(image)
parentPort?.postMessage(resize(decoded, width, height, SamplingFilter.Lanczos3).get_bytes())
