@NullMarked
package dev.reflux.distillation.committee;

import org.jspecify.annotations.NullMarked;
