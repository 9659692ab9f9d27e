package dev.reflux.distillation.quality;

/**
 * Quality of predictions that were made before their labels were learned. NaN where nothing was measured.
 *
 * @param events predictions whose label became known
 * @param accuracy share of right predictions, in [0, 1]
 * @param kappa Cohen's kappa: accuracy against that of guessing by the class frequencies, at most 1
 * @param logLoss mean negative log likelihood of the label, in nats
 * @param calibrationError expected calibration error over ten bins of confidence, in [0, 1] (Guo et al. 2017)
 */
public record Quality(long events, double accuracy, double kappa, double logLoss, double calibrationError) {}
