/** The ways in which one student learns at the same time, and the choice of the one that is served. */
@NullMarked
package dev.reflux.distillation.candidates;

import org.jspecify.annotations.NullMarked;
