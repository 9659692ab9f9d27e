/** Signatures of checkpoint records: who publishes signs, who follows names the keys that it trusts. */
@NullMarked
package dev.reflux.checkpoints.sign;

import org.jspecify.annotations.NullMarked;
