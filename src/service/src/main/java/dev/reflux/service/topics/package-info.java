/** The pipeline's topics on the brokers. */
@NullMarked
package dev.reflux.service.topics;

import org.jspecify.annotations.NullMarked;
