/** What learners do when their stream changes. */
@NullMarked
package dev.reflux.distillation.reaction;

import org.jspecify.annotations.NullMarked;
