@NullMarked
package dev.reflux.distillation.loss;

import org.jspecify.annotations.NullMarked;
