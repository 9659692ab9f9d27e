@NullMarked
package dev.reflux.distillation.replay;

import org.jspecify.annotations.NullMarked;
