@NullMarked
package dev.reflux.distillation.network;

import org.jspecify.annotations.NullMarked;
