/** Frozen teachers that come from elsewhere: their answers as logits. */
@NullMarked
package dev.reflux.distillation.external;

import org.jspecify.annotations.NullMarked;
