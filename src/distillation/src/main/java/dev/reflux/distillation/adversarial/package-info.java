@NullMarked
package dev.reflux.distillation.adversarial;

import org.jspecify.annotations.NullMarked;
