@NullMarked
package dev.reflux.distillation.feedback;

import org.jspecify.annotations.NullMarked;
