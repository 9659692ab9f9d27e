@NullMarked
package dev.reflux.distillation.state;

import org.jspecify.annotations.NullMarked;
