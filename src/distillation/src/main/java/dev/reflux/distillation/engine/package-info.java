@NullMarked
package dev.reflux.distillation.engine;

import org.jspecify.annotations.NullMarked;
