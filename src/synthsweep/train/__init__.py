"""Fine-tuning: encode (tokens, batches) and loss are pure; model loads an encoder, fit trains it."""
