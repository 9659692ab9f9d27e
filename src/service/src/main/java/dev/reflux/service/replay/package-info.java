/** Events from files and generators into the events topic. */
@NullMarked
package dev.reflux.service.replay;

import org.jspecify.annotations.NullMarked;
