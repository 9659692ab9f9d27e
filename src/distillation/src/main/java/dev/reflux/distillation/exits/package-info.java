/** Self-distillation: a student with exits at several depths, of which the deepest teaches the others. */
@NullMarked
package dev.reflux.distillation.exits;

import org.jspecify.annotations.NullMarked;
