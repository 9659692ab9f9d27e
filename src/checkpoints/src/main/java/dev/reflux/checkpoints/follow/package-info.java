/**
 * A client that always scores with the newest student published: it follows the topic, checks what it finds, and swaps
 * students while others score.
 */
@NullMarked
package dev.reflux.checkpoints.follow;

import org.jspecify.annotations.NullMarked;
