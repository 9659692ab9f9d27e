@NullMarked
package dev.reflux.distillation.quality;

import org.jspecify.annotations.NullMarked;
