"""The tabs at the right: results, logic, image, why, trace."""
