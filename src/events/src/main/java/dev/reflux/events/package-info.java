/**
 * Events on their way in: what a pipeline's JSON means ({@link dev.reflux.events.EventSchema}), how it is read
 * ({@link dev.reflux.events.EventDecoder}) and how rows travel and wait ({@link dev.reflux.events.MicroBatch},
 * {@link dev.reflux.events.MicroBatchBuilder}).
 */
@NullMarked
package dev.reflux.events;

import org.jspecify.annotations.NullMarked;
