/**
 * Whether a trained student may be published.
 */
@NullMarked
package dev.reflux.checkpoints.gate;

import org.jspecify.annotations.NullMarked;
