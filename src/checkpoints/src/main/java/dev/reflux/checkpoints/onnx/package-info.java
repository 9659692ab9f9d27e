/**
 * Students as ONNX graphs that take raw features: written, run in ONNX Runtime, compared with the live network.
 */
@NullMarked
package dev.reflux.checkpoints.onnx;

import org.jspecify.annotations.NullMarked;
