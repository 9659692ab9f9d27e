@NullMarked
package dev.reflux.distillation;

import org.jspecify.annotations.NullMarked;
