@NullMarked
package dev.reflux.distillation.export;

import org.jspecify.annotations.NullMarked;
